import { Button, type ButtonProps, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
	root: {
		color: tokens.colorNeutralForegroundOnBrand,
		backgroundColor: tokens.colorStatusDangerBackground3,
		':hover': {
			color: tokens.colorNeutralForegroundOnBrand,
			backgroundColor: tokens.colorStatusDangerBackground3Hover,
		},
		':hover:active': {
			color: tokens.colorNeutralForegroundOnBrand,
			backgroundColor: tokens.colorStatusDangerBackground3Pressed,
		},
	},
});

/** A button that deletes. */
export function DangerButton({ className, ...props }: Extract<ButtonProps, { as?: 'button' }>) {
	const styles = useStyles();
	// Disabled it looks as every other button does.
	const look = mergeClasses(!props.disabled && styles.root, className);
	return <Button appearance="primary" {...props} className={look} />;
}
