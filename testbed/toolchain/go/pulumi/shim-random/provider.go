// Package shim hands out the Terraform provider "random".
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	random "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// New returns the provider.
func New() provider.Provider { return random.New() }
