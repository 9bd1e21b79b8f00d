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
