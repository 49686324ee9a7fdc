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
import { useState } from 'react';

/** A text to begin with. */
export interface Template {
	title: string;
	text: string;
}

interface TemplatesMenuProps<Each extends Template> {
	templates: Each[];
	/** What is written now. */
	text: string;
	onInsert: (template: Each) => void;
}

/** Templates to begin with. What was written already is not replaced without asking. */
export function TemplatesMenu<Each extends Template>({ templates, text, onInsert }: TemplatesMenuProps<Each>) {
	const [asked, setAsked] = useState<Each>();
	const own = text.trim() !== '' && !templates.some((template) => template.text === text);
	const choose = (template: Each) => (own ? setAsked(template) : onInsert(template));
	return (
		<>
			<Menu>
				<MenuTrigger disableButtonEnhancement>
					<MenuButton size="small" disabled={templates.length === 0}>
						Begin with a template
					</MenuButton>
				</MenuTrigger>
				<MenuPopover>
					<MenuList>
						{templates.map((template) => (
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
										onInsert(asked);
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
