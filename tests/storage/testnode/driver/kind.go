package driver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What csi-provisioner and csi-snapshotter add to the parameters of a class.
const (
	ownPrefix            = "csi.storage.k8s.io/"
	claimKey             = ownPrefix + "pvc/name"
	claimNamespaceKey    = ownPrefix + "pvc/namespace"
	snapshotKey          = ownPrefix + "volumesnapshot/name"
	snapshotNamespaceKey = ownPrefix + "volumesnapshot/namespace"
)

// kind is what the drivers differ in.
type kind struct {
	zonal     bool
	snapshots bool
	// many has a volume on several nodes at once.
	many             bool
	volumeParameters []string
}

var kinds = map[string]kind{
	"disk.csi.azure.com": {zonal: true, snapshots: true, volumeParameters: []string{
		"skuname", "storageaccounttype", "kind", "cachingmode", "location", "resourcegroup", "subscriptionid", "tags",
		"fstype", "diskencryptionsetid", "networkaccesspolicy", "maxshares", "logicalsectorsize", "enablebursting", "useragent",
	}},
	"file.csi.azure.com": {many: true, volumeParameters: []string{
		"skuname", "storageaccounttype", "storageaccount", "location", "resourcegroup", "protocol", "sharename", "tags", "useragent",
	}},
}

var snapshotParameters = []string{"incremental", "resourcegroup", "subscriptionid", "location", "tags", "dataaccessauthmode", "useragent"}

const subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"

// volumeHandle has the shape that the driver of that name gives it.
func (d *driver) volumeHandle(name string) string {
	if d.kind.zonal {
		return fmt.Sprintf("%s/resourceGroups/%s/providers/Microsoft.Compute/disks/%s", subscription, d.resourceGroup, name)
	}
	return fmt.Sprintf("%s#holdfasttest#%s###", d.resourceGroup, name)
}

func snapshotHandle(resourceGroup, name string) string {
	return fmt.Sprintf("%s/resourceGroups/%s/providers/Microsoft.Compute/snapshots/%s", subscription, resourceGroup, name)
}

// parameters checks those of a class, whose names have any case in Azure. What
// the sidecars added is not among the result.
func parameters(given map[string]string, known []string) (map[string]string, error) {
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, ownPrefix) {
			continue
		}
		if !slices.Contains(known, lower) {
			return nil, status.Errorf(codes.InvalidArgument, "invalid parameter %s in storage class", name)
		}
		taken[lower] = given[name]
	}
	return taken, nil
}
