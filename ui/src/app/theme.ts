import {
	type BrandVariants,
	createDarkTheme,
	createLightTheme,
	type Theme,
	teamsHighContrastTheme,
} from '@fluentui/react-components';
import { useSyncExternalStore } from 'react';
import type { Appearance } from '@/backend/bindings';

/** Deep teal. White on 80 has a contrast of 5.9, 120 on the dark background one of 5.4. */
const brand: BrandVariants = {
	10: '#051416',
	20: '#0a2124',
	30: '#0d2e32',
	40: '#0e3a3f',
	50: '#0e474d',
	60: '#0d545b',
	70: '#0c6169',
	80: '#0b6e77',
	90: '#227d85',
	100: '#3b8c93',
	110: '#559ba1',
	120: '#6eaab0',
	130: '#88babe',
	140: '#a3cacd',
	150: '#bedbdd',
	160: '#daecee',
};

const fonts = {
	fontFamilyMonospace: "'Cascadia Code', 'SF Mono', Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace",
};

const light: Theme = { ...createLightTheme(brand), ...fonts };
const dark: Theme = {
	...createDarkTheme(brand),
	...fonts,
	colorBrandForeground1: brand[120],
	colorBrandForeground2: brand[130],
	colorBrandForegroundLink: brand[120],
	colorBrandForegroundLinkHover: brand[130],
	colorBrandForegroundLinkPressed: brand[110],
	colorCompoundBrandForeground1: brand[120],
	colorCompoundBrandForeground1Hover: brand[130],
	colorCompoundBrandStroke: brand[110],
};
const contrast: Theme = { ...teamsHighContrastTheme, ...fonts };

function useMedia(query: string): boolean {
	return useSyncExternalStore(
		(changed) => {
			const media = window.matchMedia(query);
			media.addEventListener('change', changed);
			return () => media.removeEventListener('change', changed);
		},
		() => window.matchMedia(query).matches,
	);
}

export interface Look {
	theme: Theme;
	/** For what the browser draws by itself, such as scroll bars. */
	scheme: 'light' | 'dark';
}

/** High contrast where the system asks for it, else the setting, else as the system. */
export function useLook(appearance: Appearance): Look {
	const forced = useMedia('(forced-colors: active)');
	const systemDark = useMedia('(prefers-color-scheme: dark)');
	if (forced) return { theme: contrast, scheme: 'dark' };
	const isDark = appearance === 'system' ? systemDark : appearance === 'dark';
	return isDark ? { theme: dark, scheme: 'dark' } : { theme: light, scheme: 'light' };
}
