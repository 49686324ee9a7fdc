import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { App } from '@/app/app';
import { createFakeBackend, type FakeOptions } from '@/backend/fake';

/** The whole window at an address, against the in-memory backend. */
export function renderApp(start: string, options: FakeOptions = {}) {
	const backend = createFakeBackend({ step: 5, ...options });
	render(<App backend={backend} start={start} />);
	return { backend, user: userEvent.setup() };
}
