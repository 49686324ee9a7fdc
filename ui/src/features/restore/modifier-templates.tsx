import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
	Menu,
	MenuButton,
	MenuItem,
	MenuList,
	MenuPopover,
	MenuTrigger,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModifierTemplate } from '@/backend/bindings';
import { FailureView, useBackend } from '@/shared';

interface ModifierTemplatesProps {
	text: string;
	onInsert: (text: string) => void;
}

/** Resource modifiers to begin with. What was written already is not replaced without asking. */
export function ModifierTemplates({ text, onInsert }: ModifierTemplatesProps) {
	const backend = useBackend();
	const [asked, setAsked] = useState<ModifierTemplate>();
	const templates = useQuery({
		queryKey: ['modifier-templates'],
		queryFn: () => backend.modifierTemplates(),
		staleTime: Number.POSITIVE_INFINITY,
	});
	const all = templates.data ?? [];
	const own = text.trim() !== '' && !all.some((template) => template.text === text);
	const choose = (template: ModifierTemplate) => (own ? setAsked(template) : onInsert(template.text));
	if (templates.error) return <FailureView failure={templates.error} onRetry={() => templates.refetch()} />;
	return (
		<>
			<Menu>
				<MenuTrigger disableButtonEnhancement>
					<MenuButton size="small" disabled={all.length === 0}>
						Begin with a template
					</MenuButton>
				</MenuTrigger>
				<MenuPopover>
					<MenuList>
						{all.map((template) => (
							<MenuItem key={template.title} onClick={() => choose(template)}>
								{template.title}
							</MenuItem>
						))}
					</MenuList>
				</MenuPopover>
			</Menu>
			{asked && (
				<Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && setAsked(undefined)}>
					<DialogSurface>
						<DialogBody>
							<DialogTitle>Replace what is written?</DialogTitle>
							<DialogContent>“{asked.title}” takes the place of the whole text.</DialogContent>
							<DialogActions>
								<Button onClick={() => setAsked(undefined)}>Keep the text</Button>
								<Button
									appearance="primary"
									onClick={() => {
										setAsked(undefined);
										onInsert(asked.text);
									}}
								>
									Replace the text
								</Button>
							</DialogActions>
						</DialogBody>
					</DialogSurface>
				</Dialog>
			)}
		</>
	);
}
