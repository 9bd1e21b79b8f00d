/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a text written so that reading it gives the same? */
#include <string.h>

#include "lab/scenario/text.h"

/* A value of several lines is a block; its first line is set off, since one that is "}" would end it. */
static void write_entry(const struct text_entry *entry, GString *out) {
	bool block = strchr(entry->value, '\n') || g_str_equal(entry->value, "{");

	g_string_append_printf(out, block ? "%s = {\n\t%s\n}\n" : "%s = %s\n", entry->key,
	                       entry->value);
}

GString *text_write(const struct text *text) {
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < text->groups->len; i++) {
		const struct text_group *group = text->groups->pdata[i];

		g_string_append_printf(out, "%s[%s]\n", i ? "\n" : "", group->name);
		for (guint j = 0; j < group->entries->len; j++)
			write_entry(group->entries->pdata[j], out);
	}
	return out;
}
