package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	cgroupRoot = "/sys/fs/cgroup"
	// Followed by the id of the process that holds the node.
	cgroupPrefix = "datalab-node-"
)

// The roots of all hierarchies: one with version 2, one for each set of controllers with version 1.
func hierarchies() []string {
	if _, err := os.Stat(filepath.Join(cgroupRoot, "cgroup.controllers")); err == nil {
		return []string{cgroupRoot}
	}
	var roots []string
	entries, _ := os.ReadDir(cgroupRoot)
	for _, entry := range entries {
		// Links lead to hierarchies of several controllers, which are listed themselves.
		if entry.IsDir() {
			roots = append(roots, filepath.Join(cgroupRoot, entry.Name()))
		}
	}
	return roots
}

func makeCgroup(name string) error {
	for _, root := range hierarchies() {
		shareControllers(root)
		folder := filepath.Join(root, name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		if err := raiseShare(folder); err != nil {
			return err
		}
		// Version 1 takes no process into a group whose processors and memory nodes are not named.
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			value, err := os.ReadFile(filepath.Join(root, file))
			if err != nil || root == cgroupRoot {
				continue
			}
			if err := os.WriteFile(filepath.Join(folder, file), value, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// The whole node competes with each single process beside it: with the usual share a busy machine starves it.
func raiseShare(folder string) error {
	for file, share := range map[string]string{"cpu.shares": "10240", "cpu.weight": "1000"} {
		path := filepath.Join(folder, file)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if err := os.WriteFile(path, []byte(share), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// With version 2, groups below the root have only those controllers that the root gives away. Some it may keep.
func shareControllers(root string) {
	controllers, _ := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	for _, controller := range strings.Fields(string(controllers)) {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
	}
}

// Removes the group and all below it. The kernel keeps a group until its last process is gone altogether.
func removeCgroup(name string) {
	deadline := time.Now().Add(20 * time.Second)
	for !removeOnce(name) && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
}

func removeOnce(name string) bool {
	gone := true
	for _, root := range hierarchies() {
		var folders []string
		_ = filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				folders = append(folders, path)
			}
			return nil
		})
		for i := len(folders) - 1; i >= 0; i-- {
			if err := os.Remove(folders[i]); err != nil && !os.IsNotExist(err) {
				gone = false
			}
		}
	}
	return gone
}

// Removes the groups of nodes whose holder was killed.
func removeStaleCgroups() {
	for _, root := range hierarchies() {
		entries, _ := os.ReadDir(root)
		for _, entry := range entries {
			pid, ours := strings.CutPrefix(entry.Name(), cgroupPrefix)
			if _, err := strconv.Atoi(pid); !ours || err != nil {
				continue
			}
			arguments, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
			if !strings.Contains(string(arguments), "\x00hold\x00") {
				removeOnce(entry.Name())
			}
		}
	}
}
