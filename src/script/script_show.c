/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a value written? */
#include <inttypes.h>
#include <string.h>

#include "script/script_process.h"
#include "script/script_tree.h"

void time_format(GString *out, sim_time t) {
	static const struct {
		sim_time unit;
		const char *name;
	} units[] = {{SIM_S, "s"}, {SIM_MS, "ms"}, {SIM_US, "us"}, {SIM_NS, "ns"}};
	unsigned i = 0;

	while (i < G_N_ELEMENTS(units) - 1 && ABS(t) < units[i].unit)
		i++;
	g_string_append_printf(out, "%.4g%s", (double)t / (double)units[i].unit, units[i].name);
}

/* What of a long text is shown. */
#define SHOWN 32U

/* As a program would write it. */
void data_format(GString *out, const char *data, size_t len) {
	static const char plain[] = "\n\r\t\"\\", letters[] = "nrt\"\\";

	g_string_append_c(out, '"');
	for (size_t i = 0; i < MIN(len, SHOWN); i++) {
		const char *at = data[i] ? strchr(plain, data[i]) : NULL;

		if (at)
			g_string_append_printf(out, "\\%c", letters[at - plain]);
		else if (g_ascii_isprint(data[i]))
			g_string_append_c(out, data[i]);
		else
			g_string_append_printf(out, "\\x%02x", (unsigned char)data[i]);
	}
	g_string_append(out, len > SHOWN ? "\"..." : "\"");
}

void line_format(GString *out, const char *text) {
	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		bool valid = c != (gunichar)-1 && c != (gunichar)-2;
		const char *next = valid ? g_utf8_next_char(text) : text + 1;

		if (valid && g_unichar_isprint(c))
			g_string_append_len(out, text, next - text);
		else
			for (const char *at = text; at < next; at++)
				g_string_append_printf(out, "\\x%02x", (unsigned char)*at);
		text = next;
	}
}

void value_format(GString *out, const struct value *v) {
	switch (v->type) {
	case VALUE_NUMBER:
		g_string_append_printf(out, "%" PRId64, v->number);
		break;
	case VALUE_TIME:
		time_format(out, v->number);
		break;
	case VALUE_TEXT:
		data_format(out, v->text, v->len);
		break;
	case VALUE_ADDRESS:
		if (v->unspec) {
			g_string_append(out, "unspec");
			break;
		}
		g_string_append_printf(out, "%u.%u.%u.%u", v->addr >> 24, v->addr >> 16 & 255,
		                       v->addr >> 8 & 255, v->addr & 255);
		if (v->has_port)
			g_string_append_printf(out, ":%u", v->port);
		break;
	}
}
