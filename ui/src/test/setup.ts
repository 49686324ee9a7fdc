import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Rendering on a busy machine may take longer than the second that Testing Library waits by itself.
configure({ asyncUtilTimeout: 10_000 });
afterEach(() => {
	cleanup();
	localStorage.clear();
});

// happy-dom lays nothing out; without a size, virtual tables would show no rows.
Object.defineProperties(HTMLElement.prototype, {
	clientHeight: { configurable: true, get: () => 800 },
	clientWidth: { configurable: true, get: () => 1200 },
	offsetHeight: { configurable: true, get: () => 800 },
	offsetWidth: { configurable: true, get: () => 1200 },
});

// Its observer would tell a size of nothing.
window.ResizeObserver = class {
	observe() {}
	unobserve() {}
	disconnect() {}
};

// Fluent moves nothing where there are no animations; happy-dom's reject when they are left.
Reflect.deleteProperty(Element.prototype, 'animate');
