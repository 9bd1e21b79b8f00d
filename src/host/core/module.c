/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loadable modules: insmod and rmmod. */
#include <errno.h>
#include <glib.h>

#include "host/core/kernel.h"

struct modules {
	GPtrArray *loaded; /* of struct module, in order of loading; owned by who loads them */
};

struct module *module_find(const struct kernel *k, const char *name) {
	for (guint i = 0; i < k->modules->loaded->len; i++) {
		struct module *module = g_ptr_array_index(k->modules->loaded, i);
		if (g_str_equal(module->name, name))
			return module;
	}
	return NULL;
}

int module_load(struct kernel *k, struct module *module) {
	int err;

	if (module_find(k, module->name))
		return -EEXIST;
	module->use_count = 0;
	/* Known before its init runs, as in sys_init_module(): what init starts may count uses. */
	g_ptr_array_add(k->modules->loaded, module);
	err = module->init ? module->init(k, module->arg) : 0;
	if (err)
		g_ptr_array_remove(k->modules->loaded, module);
	return err;
}

int module_unload(struct kernel *k, const char *name) {
	struct module *module = module_find(k, name);

	if (!module)
		return -ENOENT;
	if (module->use_count > 0)
		return -EBUSY;
	g_ptr_array_remove(k->modules->loaded, module);
	if (module->exit)
		module->exit(k, module->arg);
	return 0;
}

void modules_init(struct kernel *k) {
	k->modules = g_new0(struct modules, 1);
	k->modules->loaded = g_ptr_array_new();
}

/* A machine that goes down unloads what is not in use, last in first out. */
void modules_exit(struct kernel *k) {
	GPtrArray *loaded = k->modules->loaded;

	for (guint i = loaded->len; i-- > 0;) {
		struct module *module = g_ptr_array_index(loaded, i);
		if (module->use_count == 0 && module->exit)
			module->exit(k, module->arg);
	}
	g_ptr_array_free(loaded, TRUE);
	g_free(k->modules);
	k->modules = NULL;
}
