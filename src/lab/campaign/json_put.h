/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of an object that a JsonBuilder has begun, and what it has built as text. */
#ifndef LAB_JSON_PUT_H
#define LAB_JSON_PUT_H

#include <json-glib/json-glib.h>

static inline void put_text(JsonBuilder *b, const char *name, const char *text) {
	json_builder_set_member_name(b, name);
	json_builder_add_string_value(b, text);
}

static inline void put_whole(JsonBuilder *b, const char *name, gint64 number) {
	json_builder_set_member_name(b, name);
	json_builder_add_int_value(b, number);
}

/* A measure: null if it is none, without a point if it is whole. */
void put_number(JsonBuilder *b, const char *name, double value);

/* All that was built, laid out for people, with a newline at its end.  The caller's. */
GString *json_built(JsonBuilder *b);

#endif
