/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the files that come with the program are. */
#ifndef LAB_PLACE_H
#define LAB_PLACE_H

/* The folder of the scenarios that come with the program, links resolved.  Of an installed program it is beside
 * it (PREFIX/share/sopsim/scenarios of PREFIX/bin/sopsim), wherever the tree was moved; of one that lies
 * in the folder of a build it is that of the sources.  It need not exist. */
const char *place_scenarios(void);

/* The path of one of them ("paper.ini"). */
char *place_scenario(const char *name);

/* The path of the one that somebody may have meant by "first.ini" or "scenarios/first.ini"; NULL: none. */
char *place_of_scenario(const char *name);

#endif
