/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do numbers stand in our JSON, and how is it laid out? */
#include "lab/campaign/json_put.h"

#include <math.h>

void put_number(JsonBuilder *b, const char *name, double value) {
	json_builder_set_member_name(b, name);
	if (!isfinite(value))
		json_builder_add_null_value(b);
	else if (value == floor(value) && fabs(value) < 9e15)
		json_builder_add_int_value(b, (gint64)value);
	else
		json_builder_add_double_value(b, value);
}

GString *json_built(JsonBuilder *b) {
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = json_builder_get_root(b);
	GString *out = g_string_new(NULL);

	json_generator_set_root(generator, root);
	json_generator_set_pretty(generator, TRUE);
	json_generator_to_gstring(generator, out);
	g_string_append_c(out, '\n');
	return out;
}
