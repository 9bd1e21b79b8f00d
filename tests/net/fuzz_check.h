/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always hold of a connection; used by the fuzz target. */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include "net/tcp.h"

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Aborts with a message if the connection does not make sense. */
void check_connection(const struct tcp_sock *tp);

#endif
