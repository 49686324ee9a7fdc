import type { Backend } from '../backend';
import type { HookProblem, HooksLint, HookTemplate } from '../bindings';

const hook = (kind: 'BackupHook' | 'RestoreHook', name: string, container: string, command: string, more = '') =>
	`# The namespace, the labels and the container are those of an example.
apiVersion: clusterbackup.dataprotection.microsoft.com/v1alpha1
kind: ${kind}
metadata:
  name: ${name}
  namespace: default
spec:
  ${kind === 'BackupHook' ? 'backupHook' : 'restoreHook'}:
  - name: ${name}
    includedNamespaces:
    - shop
    labelSelector:
      matchLabels:
        app.kubernetes.io/name: ${name}
    ${kind === 'BackupHook' ? 'preHooks' : 'postHooks'}:
    - exec:
        container: ${container}
        command:
        - /bin/sh
        - -c
        - ${command}
        onError: Continue
        ${kind === 'BackupHook' ? 'timeout' : 'execTimeout'}: 5m
${more}`;

const TEMPLATES: HookTemplate[] = [
	{
		name: 'postgresql',
		title: 'PostgreSQL: a checkpoint before the cut',
		consistency:
			'On one volume any snapshot is consistent; the checkpoint makes recovery quick. With pg_wal or tablespaces on other volumes it is not enough.',
		text: hook('BackupHook', 'postgresql', 'postgresql', 'exec psql -X -q -U postgres -c CHECKPOINT'),
	},
	{
		name: 'mysql',
		title: 'MySQL and MariaDB: no commits during the cut, for at most 60 s',
		consistency: 'Consistent with the binary log, over several volumes that are cut within the 60 s.',
		text: hook('BackupHook', 'mysql', 'mysql', 'exec /scripts/hold.sh'),
	},
	{
		name: 'mongodb',
		title: 'MongoDB: fsyncLock during the cut, for at most 60 s',
		consistency: 'Consistent for one mongod, over several volumes too.',
		text: hook('BackupHook', 'mongodb', 'mongodb', 'mongosh --quiet --eval "db.fsyncLock()"'),
	},
	{
		name: 'redis',
		title: 'Redis: a dump right before the cut',
		consistency: 'The dump is of one instant.',
		text: hook('BackupHook', 'redis', 'redis', 'exec redis-cli SAVE'),
	},
	{
		name: 'fsfreeze',
		title: 'Any program: its file system frozen during the cut, for at most 60 s',
		consistency: 'No write is half done on that volume. Needs a privileged container.',
		text: hook('BackupHook', 'fsfreeze', 'fsfreeze', 'fsfreeze --freeze /var/lib/data'),
	},
	{
		name: 'postgresql-restore',
		title: 'PostgreSQL: waits until a restored server has recovered',
		consistency: 'Changes nothing.',
		text: hook('RestoreHook', 'postgresql', 'postgresql', 'until pg_isready; do sleep 1; done'),
	},
];

const NONE: HooksLint = { backup: [], restore: [], hooks: 0, problems: [], advice: [] };

/** A rough reading, enough for the templates; the engine's own is exact. */
function lint(text: string): HooksLint {
	if (text.trim() === '') return NONE;
	const lines = text.split('\n');
	const found = (form: RegExp, field: string, problem: string): HookProblem[] =>
		lines.flatMap((line, at) => {
			const match = form.exec(line);
			return match ? [{ line: at + 1, column: match.index + 1, field, problem }] : [];
		});
	const of = (kind: string) => (text.includes(`kind: ${kind}`) ? /^ {2}name: (\S+)/m.exec(text)?.[1] : undefined);
	const [backup, restore] = [of('BackupHook'), of('RestoreHook')];
	const problems = [
		...found(
			/(?<=[tT]imeout: )(?!\d+(ms|s|m|h)$).*/,
			'spec.backupHook[0].preHooks[0].exec.timeout',
			'is no duration; write one like 30s or 5m',
		),
		...found(
			/(?<=onError: )(?!Continue$|Fail$).*/,
			'spec.backupHook[0].preHooks[0].exec.onError',
			'must be Continue or Fail',
		),
		...(backup || restore ? [] : [{ line: 1, column: 1, field: 'kind', problem: 'must be BackupHook or RestoreHook' }]),
	];
	if (problems.length > 0) return { ...NONE, problems: problems.sort((a, b) => a.line - b.line) };
	return {
		backup: backup ? [`default/${backup}`] : [],
		restore: restore ? [`default/${restore}`] : [],
		hooks: text.match(/^ {2}- name: /gm)?.length ?? 0,
		problems: [],
		advice: found(
			/(?<=- )\S*password=\S+/i,
			'spec.backupHook[0].preHooks[0].exec.command',
			'has a password, which everybody can read who may read the hook; take it from the container’s environment',
		),
	};
}

const REFERENCE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;

type HooksPart = Pick<Backend, 'lintHooks' | 'hookTemplates' | 'checkHooks'>;

/** The calls about hooks as they are written. */
export function hooksPart(): HooksPart {
	return {
		lintHooks: async (text) => lint(text),
		hookTemplates: async () => TEMPLATES,
		checkHooks: async (references) =>
			references.map((name) =>
				REFERENCE.test(name)
					? ''
					: `"${name}" is no reference to hooks: it has no slash; write NAMESPACE/NAME, such as default/postgresql`,
			),
	};
}
