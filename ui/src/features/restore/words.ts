import type { ActionCounts, PlanRow, PlanSummary } from '@/backend/bindings';
import { formatCount, plural } from '@/shared';

/** `shop`, `shop and staging`, `5 namespaces`. */
export function namesOf(names: string[], one: string): string {
	if (names.length === 0) return `all ${one}s`;
	if (names.length === 1) return names[0] ?? '';
	if (names.length === 2) return names.join(' and ');
	return plural(names.length, one);
}

/** How many objects a plan writes for certain. */
export function writtenOf({ create, patch, recreate }: ActionCounts): number {
	return create + patch + recreate;
}

/** Exactly what the button that writes will do. */
export function restoreWords({ counts, targetNamespaces }: PlanSummary, cluster: string): string {
	const written = writtenOf(counts);
	if (written + counts.unchecked === 0) return 'Nothing to restore';
	const several = targetNamespaces.length > 2 ? ` of ${cluster}` : '';
	const into = targetNamespaces.length === 0 ? cluster : namesOf(targetNamespaces, 'namespace') + several;
	const tried = counts.unchecked > 0 ? ` and try ${formatCount(counts.unchecked)} more` : '';
	const again = counts.recreate > 0 ? `, recreating ${formatCount(counts.recreate)}` : '';
	return `Restore ${plural(written, 'object')}${tried} into ${into}${again}`;
}

/** Whether live object and recovery point differ. */
export function differs(row: PlanRow): boolean {
	return row.changes > 0;
}

/** What a row says beside its action: why, or what changes. */
export function whyOf(row: PlanRow): string {
	if (row.outcome === 'failed') return row.reason;
	if (row.action !== 'patch' && row.action !== 'recreate') return row.reason;
	if (!row.summary) return row.reason;
	const more = row.changes - 1;
	return more > 0 ? `${row.summary}, and ${plural(more, 'more field')}` : row.summary;
}

/** `shop → staging` where the namespace is mapped. */
export function namespaceOf(row: PlanRow): string {
	if (row.targetNamespace === '') return '';
	return row.namespace === row.targetNamespace ? row.namespace : `${row.namespace} → ${row.targetNamespace}`;
}
