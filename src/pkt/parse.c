/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A script's outer shape: options, shell lines, events and their times. */
#include <string.h>

#include "pkt/scan.h"

static void option_free(gpointer p) {
	struct script_option *option = p;

	g_free(option->name);
	g_free(option->value);
	g_free(option);
}

static void event_free(gpointer p) {
	struct event *ev = p;

	if (ev->kind == EVENT_CALL) {
		g_free(ev->call.name);
		if (ev->call.args)
			g_ptr_array_unref(ev->call.args);
	} else if (ev->kind != EVENT_PACKET) {
		g_free(ev->text);
	}
	g_free(ev);
}

void script_free(struct script *script) {
	if (!script)
		return;
	g_free(script->file);
	g_ptr_array_unref(script->options);
	g_ptr_array_unref(script->init);
	g_ptr_array_unref(script->events);
	g_free(script);
}

void script_add_option(struct script *script, const char *name, const char *value, unsigned line) {
	struct script_option *option = g_new0(struct script_option, 1);

	option->name = g_strdup(name);
	option->value = g_strdup(value);
	option->line = line;
	g_ptr_array_add(script->options, option);
}

/* An option's value: up to the end of the word; white space in quotes belongs to it. */
static char *option_value(struct scan *s) {
	const char *from = s->at;

	while (*s->at && !g_ascii_isspace(*s->at)) {
		char quote = *s->at++;

		if (quote == '"' || quote == '`')
			g_free(scan_quoted(s, quote));
	}
	return g_strndup(from, (gsize)(s->at - from));
}

static char *unquoted(const char *text) {
	gsize n = strlen(text);

	return n > 1 && text[0] == '"' && text[n - 1] == '"' ? g_strndup(text + 1, n - 2)
	                                                     : g_strdup(text);
}

/* "--define=NAME=VALUE": the command line's definition of a name goes before the script's. */
static bool define(struct scan *s, const char *text) {
	g_auto(GStrv) parts = g_strsplit(text, "=", 2);

	if (!parts[0] || !parts[1])
		return scan_fail(s, "--define=%s: expected NAME=VALUE", text);
	if (!scan_defined(s, parts[0]))
		g_hash_table_insert(s->defines, g_strdup(parts[0]), g_strdup(parts[1]));
	return true;
}

/* "--name=value" */
static bool parse_option(struct scan *s, struct script *script) {
	unsigned line = s->line;
	size_t n;
	g_autofree char *name = NULL, *value = NULL, *bare = NULL;

	s->at += 2;
	n = strcspn(s->at, "= \t\r\n");
	name = g_strndup(s->at, n);
	s->at += n;
	if (*s->at == '=') {
		s->at++;
		value = option_value(s);
	}
	if (value && g_str_equal(name, "define"))
		return define(s, value);
	bare = value ? unquoted(value) : g_strdup("");
	script_add_option(script, name, bare, line);
	return !s->error;
}

/* The part behind a blocking call's "...". */
static bool parse_blocking(struct scan *s, struct event_time *time) {
	if (!scan_take(s, "..."))
		return true;
	time->blocking = true;
	/* The end is of the beginning's kind; a plus before it is this runner's habit. */
	if (scan_take(s, "+") && time->kind != TIME_RELATIVE)
		return scan_fail(s, "syntax error: a relative end of an absolute time");
	if (time->range)
		return scan_fail(s,
		                 "syntax error: a blocking call cannot begin at a range of times");
	return scan_seconds(s, &time->end);
}

/* "0.1", "+.1", "0.1~0.2", "+0~+.2", "*", "0.1...0.3", "+0...0.3". */
static bool parse_time(struct scan *s, struct event_time *time) {
	*time = (struct event_time){.kind = TIME_ABSOLUTE};
	if (scan_take(s, "*")) {
		time->kind = TIME_ANY;
		return true;
	}
	if (scan_take(s, "+"))
		time->kind = TIME_RELATIVE;
	if (!scan_seconds(s, &time->at))
		return false;
	if (scan_take(s, "~")) {
		time->range = true;
		if (time->kind == TIME_RELATIVE && !scan_take(s, "+"))
			return scan_fail(
				s, "syntax error: a range from a relative to an absolute time");
		if (!scan_seconds(s, &time->until))
			return false;
		if (time->until < time->at)
			return scan_fail(s, "time ranges must not be backwards");
	}
	return parse_blocking(s, time);
}

/* What stands between a time and its end: code, a shell line, or a name defined as one. */
static bool parse_text(struct scan *s, struct event *ev) {
	const char *back = s->at, *text;
	g_autofree char *word = NULL;

	ev->kind = EVENT_SHELL;
	if (scan_take(s, "%{")) {
		ev->kind = EVENT_CODE;
		ev->text = scan_until(s, "}%");
		return true;
	}
	if (scan_take(s, "`")) {
		ev->text = scan_quoted(s, '`');
		return true;
	}
	word = scan_word(s);
	text = word ? scan_defined(s, word) : NULL;
	if (text && *text == '`') {
		ev->text = g_strndup(text + 1, MAX(strlen(text), 2) - 2);
		return true;
	}
	s->at = back;
	ev->kind = EVENT_CALL;
	return false;
}

static bool parse_event(struct scan *s, struct event *ev) {
	/* Code may come without a time: it belongs to where it stands. */
	if (scan_peek(s, "%{"))
		ev->time = (struct event_time){.kind = TIME_RELATIVE};
	else if (!parse_time(s, &ev->time))
		return false;
	scan_space(s);
	ev->line = s->line;
	if (scan_peek(s, "<") || scan_peek(s, ">")) {
		ev->kind = EVENT_PACKET;
		ev->packet.inbound = scan_take(s, "<");
		if (!ev->packet.inbound)
			scan_take(s, ">");
	}
	if (ev->time.kind == TIME_ANY && (ev->kind != EVENT_PACKET || ev->packet.inbound))
		return scan_fail(s, "event time <star> can only be used with outbound packets");
	if (ev->time.range && (ev->kind != EVENT_PACKET || ev->packet.inbound))
		return scan_fail(s, "event time range can only be used with outbound packets");
	if (ev->time.blocking && ev->kind == EVENT_PACKET)
		return scan_fail(s, "syntax error: a packet cannot block");
	if (ev->kind == EVENT_PACKET)
		return parse_packet(s, &ev->packet) &&
		       (!scan_peek(s, "/") || scan_unsupported(s, "encapsulation: '%.*s'",
		                                               (int)strcspn(s->at, "\n"), s->at));
	if (parse_text(s, ev))
		return !s->error;
	return parse_call(s, &ev->call);
}

/* A shell line that has no time belongs before the first event, or behind the last. */
static void parse_shell_line(struct scan *s, struct script *script) {
	struct event *ev = g_new0(struct event, 1);

	ev->kind = EVENT_SHELL;
	ev->line = s->line;
	ev->time.kind = TIME_RELATIVE;
	ev->text = scan_quoted(s, '`');
	g_ptr_array_add(script->events->len ? script->events : script->init, ev);
	scan_space(s);
	if (script->events->len && *s->at)
		scan_fail(s, "syntax error: something follows the last shell line: '%.*s'",
		          (int)strcspn(s->at, "\n"), s->at);
}

/* Absolute times must not go back. */
static bool check_order(struct scan *s, const struct event *ev, sim_time *last) {
	if (ev->time.kind != TIME_ABSOLUTE)
		return true;
	if (ev->time.at < *last)
		return scan_fail(s, "time goes backwards in script from %.6f sec to %.6f sec",
		                 sim_to_s(*last), sim_to_s(ev->time.at));
	*last = ev->time.at;
	return true;
}

static bool parse_script(struct scan *s, struct script *script) {
	sim_time last = 0;

	for (scan_space(s); *s->at && !s->error; scan_space(s)) {
		struct event *ev;

		if (script->events->len == 0 && scan_peek(s, "--")) {
			parse_option(s, script);
			continue;
		}
		if (scan_take(s, "`")) {
			parse_shell_line(s, script);
			continue;
		}
		ev = g_new0(struct event, 1);
		ev->kind = EVENT_SHELL; /* nothing to free yet */
		g_ptr_array_add(script->events, ev);
		if (!parse_event(s, ev) || !check_order(s, ev, &last))
			return false;
	}
	return scan_conditions_end(s);
}

/* What fails before its first event is whole may be any file: no message shows what it has. */
static void conceal(const struct script *script, GError *error) {
	char *rest = script->events->len <= 1 ? strstr(error->message, " before '") : NULL;

	if (rest)
		*rest = '\0';
}

struct script *script_parse(const char *file, GHashTable *defines, GError **error) {
	g_autofree char *text = NULL;
	g_autoptr(GError) io = NULL;
	struct scan s = {.file = file, .line = 1, .defines = defines};
	struct script *script;

	if (!g_file_get_contents(file, &text, NULL, &io)) {
		g_set_error(error, SCRIPT_ERROR, OUTCOME_FAILED, "%s", io->message);
		return NULL;
	}
	script = g_new0(struct script, 1);
	script->file = g_strdup(file);
	script->options = g_ptr_array_new_with_free_func(option_free);
	script->init = g_ptr_array_new_with_free_func(event_free);
	script->events = g_ptr_array_new_with_free_func(event_free);
	s.text = s.at = text;
	if (parse_script(&s, script) && script->events->len == 0)
		scan_fail(&s, "the script has no events");
	else if (!s.error)
		script->last_line =
			((struct event *)script->events->pdata[script->events->len - 1])->line;
	if (!s.error)
		return script;
	conceal(script, s.error);
	g_propagate_error(error, s.error);
	script_free(script);
	return NULL;
}
