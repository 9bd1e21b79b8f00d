/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a program's tree own? */
#include "script/script_tree.h"

#include <string.h>

#include "script/script_read.h"

const char *value_type_name(enum value_type type) {
	static const char *const names[] = {"a number", "a time such as 10ms", "a \"text\"",
	                                    "an address such as 10.0.0.1:80"};

	return names[type];
}

void *script_alloc(struct script *script, size_t size) {
	void *mem = g_malloc0(size);

	g_ptr_array_add(script->own, mem);
	return mem;
}

char *script_text(struct script *script, const char *text, size_t len) {
	char *copy = script_alloc(script, len + 1);

	memcpy(copy, text, len);
	return copy;
}

int script_variable(const struct script *script, const char *name) {
	for (guint i = 0; i < script->vars->len; i++)
		if (g_str_equal(g_array_index(script->vars, struct variable, i).name, name))
			return (int)i;
	return -1;
}

void script_drop(struct script *script) {
	g_ptr_array_unref(script->blocks);
	g_array_unref(script->vars);
	g_ptr_array_unref(script->own);
	g_free(script);
}
