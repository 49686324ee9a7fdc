import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import type { ClusterScoped } from '@/backend/bindings';

interface ClusterScopedFieldProps {
	value: ClusterScoped;
	onChange: (value: ClusterScoped) => void;
	/** What `auto` takes, in words. */
	auto: string;
}

/** Which cluster-scoped objects go along. */
export function ClusterScopedField({ value, onChange, auto }: ClusterScopedFieldProps) {
	return (
		<Field label="Cluster-scoped objects">
			<RadioGroup value={value} onChange={(_, data) => onChange(data.value as ClusterScoped)}>
				<Radio value="auto" label={auto} />
				<Radio value="all" label="All" />
				<Radio value="none" label="None" />
			</RadioGroup>
		</Field>
	);
}
