import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [react()],
	base: './',
	resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
	// The window's shell waits for this address in development.
	server: { port: 5173, strictPort: true },
	// The oldest web views that the window runs in; see https://v2.tauri.app/reference/webview-versions/.
	build: { target: ['chrome111', 'safari16.4'], chunkSizeWarningLimit: 900 },
	test: {
		environment: 'happy-dom',
		setupFiles: ['src/test/setup.ts'],
		testTimeout: 60_000,
	},
});
