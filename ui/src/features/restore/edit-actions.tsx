import {
	Button,
	Menu,
	MenuButton,
	MenuDivider,
	MenuItemRadio,
	MenuList,
	MenuPopover,
	MenuTrigger,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { PlanRow } from '@/backend/bindings';
import { plural } from '@/shared';
import { ConfirmRecreate } from './confirm-recreate';
import type { Editing } from './editing';
import { mayBeRecreated, type OwnPolicy } from './edits';

const WORDS: Record<OwnPolicy, string> = { skip: 'Skip', patch: 'Patch', recreate: 'Recreate' };

/** The policy that all rows have of their own: `rule` where none has one, nothing where they differ. */
function common(rows: PlanRow[], editing: Editing): OwnPolicy | 'rule' | undefined {
	const all = new Set(rows.map((row) => editing.policy(row) ?? 'rule'));
	return all.size === 1 ? [...all][0] : undefined;
}

/** Leaving out, taking in again, and a conflict policy of their own, for one row or many. */
export function EditActions({ rows, editing }: { rows: PlanRow[]; editing: Editing }) {
	const [asking, setAsking] = useState(false);
	const out = rows.filter(editing.isLeftOut);
	const inside = rows.filter((row) => !editing.isLeftOut(row));
	const now = common(rows, editing);
	const choose = (to: string) => {
		if (to === 'recreate') setAsking(true);
		else editing.setPolicy(rows, to === 'rule' ? undefined : (to as OwnPolicy));
	};
	return (
		<>
			{inside.length > 0 && (
				<Button size="small" disabled={editing.busy} onClick={() => editing.leaveOut(inside)}>
					Leave out
				</Button>
			)}
			{out.length > 0 && (
				<Button size="small" disabled={editing.busy} onClick={() => editing.takeIn(out)}>
					{inside.length > 0 ? `Take ${plural(out.length, 'object')} in again` : 'Take in again'}
				</Button>
			)}
			<Menu
				checkedValues={{ policy: now ? [now] : [] }}
				onCheckedValueChange={(_, data) => choose(data.checkedItems.at(-1) ?? 'rule')}
			>
				<MenuTrigger disableButtonEnhancement>
					<MenuButton size="small" disabled={editing.busy}>
						Conflict policy{now && now !== 'rule' && `: ${WORDS[now]}`}
					</MenuButton>
				</MenuTrigger>
				<MenuPopover>
					<MenuList>
						<MenuItemRadio name="policy" value="rule">
							As in step 3
						</MenuItemRadio>
						<MenuDivider />
						<MenuItemRadio name="policy" value="skip">
							Skip
						</MenuItemRadio>
						<MenuItemRadio name="policy" value="patch">
							Patch
						</MenuItemRadio>
						{rows.some(mayBeRecreated) && (
							<MenuItemRadio name="policy" value="recreate">
								Recreate…
							</MenuItemRadio>
						)}
					</MenuList>
				</MenuPopover>
			</Menu>
			{asking && (
				<ConfirmRecreate
					rows={rows}
					onClose={() => setAsking(false)}
					onConfirm={() => {
						setAsking(false);
						editing.setPolicy(rows, 'recreate');
					}}
				/>
			)}
		</>
	);
}
