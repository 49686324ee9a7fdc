import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import './app/base.css';
import type { Backend } from './backend/backend';

/** The engine inside the window; in a browser the in-memory one, set up by the address: `?empty`, `?latency=500`. */
async function chooseBackend(): Promise<Backend> {
	if ('__TAURI_INTERNALS__' in window) return (await import('./backend/tauri')).createTauriBackend();
	const { fakeFromAddress } = await import('./backend/fake/from-address');
	return fakeFromAddress(new URLSearchParams(location.search));
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
const backend = await chooseBackend();
createRoot(root).render(
	<StrictMode>
		<App backend={backend} />
	</StrictMode>,
);
