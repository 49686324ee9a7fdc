/** What the window remembers of its own looks, such as the width of a pane; nothing that matters if lost. */
export function readStored(key: string): string | null {
	try {
		return localStorage.getItem(`holdfast.${key}`);
	} catch {
		return null;
	}
}

export function writeStored(key: string, value: string): void {
	try {
		localStorage.setItem(`holdfast.${key}`, value);
	} catch {
		// A full or forbidden storage costs only the memory of the looks.
	}
}
