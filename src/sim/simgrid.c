/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where do SimGrid's functions lie, if it is there? */
#include "sim/simgrid.h"

#include <dlfcn.h>
#include <glib.h>

#include "sim/sim.h"

struct simgrid sg;

static const struct {
	const char *symbol;
	size_t offset;
} calls[] = {
#define SIMGRID_CALL(name, symbol) {#symbol, offsetof(struct simgrid, name)},
	SIMGRID_CALLS(SIMGRID_CALL)
#undef SIMGRID_CALL
};

const char *simgrid_bind(bool at_once) {
	static void *library;

	if (library)
		return NULL;
	library = dlopen(SIMGRID_LIBRARY, (at_once ? RTLD_NOW : RTLD_LAZY) | RTLD_LOCAL);
	for (size_t i = 0; library && i < G_N_ELEMENTS(calls); i++) {
		void *call = dlsym(library, calls[i].symbol);

		if (!call)
			return dlerror();
		*(void **)((char *)&sg + calls[i].offset) = call;
	}
	return library ? NULL : dlerror();
}

const char *sim_load(void) { return simgrid_bind(false); }
