/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reaches the user's terminal.  Titles, names and values come from files that others wrote:
 * control characters in them must not move the cursor, hide text or set the window's title.
 */
#ifndef LAB_TERMINAL_H
#define LAB_TERMINAL_H

/* From now on stdout and stderr show control characters (but line ends and tabs), characters that
 * turn the direction of text, and bytes that are no UTF-8 as \xNN. */
void terminal_guard(void);

/* `text` as the streams above would show it; to be freed. */
char *terminal_text(const char *text);

#endif
