/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parser's cursor over a script's text. */
#ifndef PKT_SCAN_H
#define PKT_SCAN_H

#include "pkt/script.h"

struct scan {
	const char *file;
	const char *text, *at; /* the whole, and the place in it */
	unsigned line;
	GHashTable *defines; /* name -> value, as text; NULL: none */
	unsigned depth;      /* of brackets in an expression */
	unsigned conditions; /* "#ifdef" whose "#endif" is to come */
	GError *error;       /* the first one: everything fails from then on */
};

/* scan_error.c: notes an error at the current line (the first counts).  Always false. */
bool scan_fail(struct scan *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool scan_unsupported(struct scan *s, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Skips white space, line ends, comments, and what "#ifdef" leaves out. */
void scan_space(struct scan *s);
/* Takes `text` if it comes next (behind white space). */
bool scan_take(struct scan *s, const char *text);
bool scan_peek(struct scan *s, const char *text);
/* The same, but it must come. */
bool scan_expect(struct scan *s, const char *text);
/* An identifier, NULL if none comes next; g_free() it. */
char *scan_word(struct scan *s);
bool scan_peek_word(struct scan *s, const char *word);
bool scan_take_word(struct scan *s, const char *word);
/* Numbers: decimal or 0x; defined names too. */
bool scan_integer(struct scan *s, int64_t *value);
/* Seconds as in "0.1", ".1", "3"; defined names too. */
bool scan_seconds(struct scan *s, sim_time *time);
/* The text up to `end`, which is taken as well; g_free() it. */
char *scan_until(struct scan *s, const char *end);
/* The same up to a quote, which a backslash hides. */
char *scan_quoted(struct scan *s, char quote);
/* condition.c: a line that begins with '#': a directive, else a comment; takes it whole. */
void scan_directive(struct scan *s);
/* At the end of the text: every "#ifdef" has its "#endif". */
bool scan_conditions_end(struct scan *s);
/* What a name was defined as (-D, --define): the text as written, NULL if it was not. */
const char *scan_defined(const struct scan *s, const char *name);

/* parse_call.c */
bool parse_call(struct scan *s, struct call *call);
/* parse_packet.c: behind '<' or '>'. */
bool parse_packet(struct scan *s, struct packet *packet);

#endif
