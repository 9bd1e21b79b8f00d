/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several kinds have in common and none of them owns. */
#include "lab/kinds/parts.h"

#include "host/socket/socket.h"

const char *const family_words[] = {"inet", "toe", NULL};
const char *const stack_words[] = {"linux-2.4", "bsd-card", NULL};

int family_number(int choice) { return choice ? AF_TOE : AF_INET; }

uint32_t target_called(const struct world *world, const char *name) {
	return group_address(scenario_machine(world->sc, name)).addr;
}

GArray *targets_called(const struct world *world, char **names) {
	GArray *targets = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (unsigned i = 0; names[i]; i++) {
		uint32_t addr = target_called(world, names[i]);

		g_array_append_val(targets, addr);
	}
	return targets;
}

static bool says(const struct group *group, const char *key) {
	const char *text = group_text(group, key);

	return text && *text;
}

bool file_check(const struct group *group, GError **error) {
	bool path = says(group, "path");

	return says(group, "fileset") != path ||
	       group_wrong(group, "fileset", error, "%s; allowed: either fileset or path",
	                   path ? "path is given too" : "neither it nor path is given");
}

void file_called(const struct scenario *sc, const struct group *group, const char **path,
                 uint64_t *key) {
	const struct group *files = scenario_named_by(sc, group, "fileset");

	*path = group_text(group, "path");
	*key = 0;
	if (files)
		fileset_file(files, path, key);
}
