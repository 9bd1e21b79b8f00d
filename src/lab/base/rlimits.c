/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does the shell leave us enough to work with? */
#include "lab/base/rlimits.h"

#include <glib.h>
#include <stdio.h>
#include <sys/resource.h>

static const struct {
	int resource; /* of getrlimit() */
	const char *name, *unit;
	rlim_t least, scale;
} limits[] = {
	{RLIMIT_NOFILE, "ulimit -n", "descriptors", 32, 1},
	{RLIMIT_AS, "ulimit -v", "KiB of memory", 512 << 20, 1024},
	{RLIMIT_DATA, "ulimit -d", "KiB of data", 256 << 20, 1024},
	{RLIMIT_STACK, "ulimit -s", "KiB of stack", 512 << 10, 1024},
};

static rlim_t limit_of(int resource) {
	struct rlimit limit;

	return getrlimit((__rlimit_resource_t)resource, &limit) == 0 ? limit.rlim_cur
	                                                             : RLIM_INFINITY;
}

bool limits_suffice(void) {
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		rlim_t now = limit_of(limits[i].resource);

		if (now == RLIM_INFINITY || now >= limits[i].least)
			continue;
		fprintf(stderr, "sopsim: %s: %llu are too few %s; allowed: %llu or more\n",
		        limits[i].name, (unsigned long long)(now / limits[i].scale), limits[i].unit,
		        (unsigned long long)(limits[i].least / limits[i].scale));
		return false;
	}
	return true;
}

bool limits_memory(void) {
	return limit_of(RLIMIT_AS) != RLIM_INFINITY || limit_of(RLIMIT_DATA) != RLIM_INFINITY;
}
