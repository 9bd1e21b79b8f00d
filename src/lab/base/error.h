/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors of the lab: what a user can do something about, and what only we can.
 */
#ifndef LAB_ERROR_H
#define LAB_ERROR_H

#include <glib.h>

enum lab_error {
	LAB_ERROR_INPUT,   /* bad usage or bad input: exit status 2 */
	LAB_ERROR_DEFECT,  /* the program's own fault: exit status 3 */
	LAB_ERROR_PICTURE, /* a figure that could not be drawn: a warning and exit status 1 */
};

#define LAB_ERROR (lab_error_quark())
GQuark lab_error_quark(void);

/* Exit statuses of every command. */
enum { EXIT_DONE = 0, EXIT_CHECK_FAILED = 1, EXIT_BAD_INPUT = 2, EXIT_DEFECT = 3 };

/* Prints "sopsim: MESSAGE" as one line on stderr; returns the exit status that fits. */
int lab_error_report(const GError *error);

#endif
