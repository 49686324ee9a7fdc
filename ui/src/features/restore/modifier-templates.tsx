import { useQuery } from '@tanstack/react-query';
import { FailureView, useBackend } from '@/shared';
import { TemplatesMenu } from '@/shared/templates-menu';

interface ModifierTemplatesProps {
	text: string;
	onInsert: (text: string) => void;
}

/** Resource modifiers to begin with. */
export function ModifierTemplates({ text, onInsert }: ModifierTemplatesProps) {
	const backend = useBackend();
	const templates = useQuery({
		queryKey: ['modifier-templates'],
		queryFn: () => backend.modifierTemplates(),
		staleTime: Number.POSITIVE_INFINITY,
	});
	if (templates.error) return <FailureView failure={templates.error} onRetry={() => templates.refetch()} />;
	return (
		<TemplatesMenu templates={templates.data ?? []} text={text} onInsert={(template) => onInsert(template.text)} />
	);
}
