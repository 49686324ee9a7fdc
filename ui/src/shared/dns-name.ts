/** A subdomain of RFC 1123, as the API server wants the name of a class. */
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST = 253;

/** What is wrong with the name of a class; undefined where nothing is. */
export function dnsNameProblem(name: string): string | undefined {
	return name.length <= LONGEST && DNS_NAME.test(name)
		? undefined
		: 'Lower-case letters, digits, hyphens and dots; a letter or digit at both ends.';
}
