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

/* "--name=value" up to the end of the word. */
static void parse_option(struct scan *s, struct script *script) {
	struct script_option *option = g_new0(struct script_option, 1);
	size_t n;

	s->at += 2;
	n = strcspn(s->at, "= \t\r\n");
	option->line = s->line;
	option->name = g_strndup(s->at, n);
	s->at += n;
	if (*s->at == '=') {
		s->at++;
		n = strcspn(s->at, " \t\r\n");
		option->value = g_strndup(s->at, n);
		s->at += n;
	} else {
		option->value = g_strdup("");
	}
	g_ptr_array_add(script->options, option);
}

/* The part behind a blocking call's "...". */
static bool parse_blocking(struct scan *s, struct event_time *time) {
	if (!scan_take(s, "..."))
		return true;
	time->blocking = true;
	time->end_relative = scan_take(s, "+");
	if (time->end_relative && time->kind != TIME_RELATIVE)
		return scan_fail(s, "syntax error: a relative end of an absolute time");
	if (time->range)
		return scan_fail(s, "syntax error: a blocking call cannot begin at a range of times");
	return scan_seconds(s, &time->end);
}

/* "0.1", "+.1", "0.1~0.2", "+0~+.2", "*", "0.1...0.3", "+0...+.3". */
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
			return scan_fail(s, "syntax error: a range from a relative to an absolute time");
		if (!scan_seconds(s, &time->until))
			return false;
		if (time->until < time->at)
			return scan_fail(s, "time ranges must not be backwards");
	}
	return parse_blocking(s, time);
}

static bool parse_text(struct scan *s, struct event *ev, enum event_kind kind, const char *end) {
	ev->kind = kind;
	ev->text = scan_until(s, end);
	return ev->text != NULL;
}

static bool parse_event(struct scan *s, struct event *ev) {
	/* Code may come without a time: it belongs to where it stands. */
	if (scan_peek(s, "%{"))
		ev->time = (struct event_time){.kind = TIME_RELATIVE};
	else if (!parse_time(s, &ev->time))
		return false;
	scan_space(s);
	ev->line = s->line;
	if (scan_take(s, "%{"))
		return parse_text(s, ev, EVENT_CODE, "}%");
	if (scan_take(s, "`"))
		return parse_text(s, ev, EVENT_SHELL, "`");
	if (scan_peek(s, "<") || scan_peek(s, ">")) {
		ev->kind = EVENT_PACKET;
		ev->packet.inbound = scan_take(s, "<");
		if (!ev->packet.inbound)
			scan_take(s, ">");
		if (ev->packet.inbound && (ev->time.kind == TIME_ANY || ev->time.range))
			return scan_fail(s, "inbound packets must have one definite time");
		return parse_packet(s, &ev->packet);
	}
	ev->kind = EVENT_CALL;
	return parse_call(s, &ev->call);
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
		if (script->events->len == 0 && scan_take(s, "`")) {
			char *text = scan_until(s, "`");

			if (text)
				g_ptr_array_add(script->init, text);
			continue;
		}
		ev = g_new0(struct event, 1);
		ev->kind = EVENT_PACKET; /* nothing to free yet */
		g_ptr_array_add(script->events, ev);
		if (!parse_event(s, ev) || !check_order(s, ev, &last))
			return false;
	}
	return !s->error;
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
	script->init = g_ptr_array_new_with_free_func(g_free);
	script->events = g_ptr_array_new_with_free_func(event_free);
	s.at = text;
	if (parse_script(&s, script) && script->events->len == 0)
		scan_fail(&s, "the script has no events");
	if (!s.error)
		return script;
	g_propagate_error(error, s.error);
	script_free(script);
	return NULL;
}
