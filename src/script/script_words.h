/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a name of C's headers stand for, and which name has a number?  Constants, errors,
 * signals, poll flags and socket options, as programs and the log write them (script_words.c).
 */
#ifndef SCRIPT_WORDS_H
#define SCRIPT_WORDS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct word {
	const char *name;
	int64_t value;
};

/* A constant of C's headers that programs know (SOCK_STREAM, POLLIN, ECONNREFUSED ...); false. */
bool word_find(const char *name, int64_t *value);
/* "ECONNREFUSED" for 111, "SIGPIPE" for 13; NULL. */
const char *script_errno_name(int64_t error);
const char *signal_name(int64_t sig);
/* Flags as "POLLIN|POLLHUP"; "0" if none. */
void poll_format(GString *out, unsigned events);

enum option_kind { OPTION_INT, OPTION_TIME, OPTION_LINGER, OPTION_DEVICE, OPTION_GROUP, OPTION_IP };

struct option {
	const char *name;
	int level, number;
	enum option_kind kind;
};
const struct option *option_find(const char *name);
bool level_find(const char *name, int *level);

#endif
