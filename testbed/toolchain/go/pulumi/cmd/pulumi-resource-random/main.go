// Command pulumi-resource-random is Terraform's provider "random" as a Pulumi plugin.
package main

import (
	"datalab/toolchain/pulumi/bridge"

	shim "github.com/terraform-providers/terraform-provider-random/shim"
)

// Version is stamped by the build.
var Version string

func main() {
	bridge.Main("random", Version, shim.New(), map[string]string{
		"random_bytes":    "RandomBytes",
		"random_id":       "RandomId",
		"random_integer":  "RandomInteger",
		"random_password": "RandomPassword",
		"random_pet":      "RandomPet",
		"random_shuffle":  "RandomShuffle",
		"random_string":   "RandomString",
		"random_uuid":     "RandomUuid",
		"random_uuid4":    "RandomUuid4",
		"random_uuid7":    "RandomUuid7",
	}, nil)
}
