/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may follow on the command line? */
#include "lab/commands/completion.h"

#include <stdio.h>
#include <string.h>

#include "lab/commands/commands.h"

/* Takes the place of an option's parser. */
static void tell(const GOptionEntry *entries, const char *usage, const char *summary) {
	(void)usage;
	(void)summary;
	for (; entries->long_name; entries++)
		printf(" --%s%s", entries->long_name, entries->arg_description ? "=" : "");
}

void completion_begin(void) {
	printf("# bash completion of sopsim\n\ndeclare -gA _sopsim_options=(\n");
}

void completion_command(const char *name, int (*run)(int argc, char **argv)) {
	char *words[] = {(char *)name, NULL}, **argv = words;

	printf("\t[%s]='--help", name);
	command_tell(tell);
	run(1, argv);
	command_tell(NULL);
	printf("'\n");
}

void completion_text(const char *name, const char *text) {
	printf("\t[%s]='--help", name);
	while ((text = strstr(text, "\n  --"))) {
		text += strlen("\n  ");
		printf(" %.*s=", (int)strcspn(text, " "), text);
	}
	printf("'\n");
}

/* Files are bash's own: what is left empty here it completes so.  An = ends a word, so that the value
 * of an option is a word that follows it. */
void completion_end(void) {
	fputs(")\n\n"
	      "_sopsim() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) file keys\n"
	      "\tlocal command=${COMP_WORDS[1]}\n\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"${!_sopsim_options[*]} --help --version\" "
	      "-- \"$word\")\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\t[ \"$word\" != = ] || word=\n"
	      "\t[ \"${COMP_WORDS[COMP_CWORD]}\" = = ] || [ \"${COMP_WORDS[at]}\" != = ] || at=$((at - "
	      "1))\n"
	      "\tcase ${COMP_WORDS[at]} in\n"
	      "\t--set | --vary)\n"
	      "\t\tfor file in \"${COMP_WORDS[@]:2}\"; do\n"
	      "\t\t\t[ -f \"$file\" ] && break\n"
	      "\t\tdone\n"
	      "\t\tkeys=$(\"${COMP_WORDS[0]}\" params \"$file\" 2>/dev/null | awk 'NR > 1 { print $1 "
	      "\"=\" }')\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$keys\" -- \"$word\")\n"
	      "\t\tcompopt -o nospace 2>/dev/null\n"
	      "\t\treturn\n"
	      "\t\t;;\n"
	      "\tesac\n"
	      "\tif [[ $word == -* ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"${_sopsim_options[$command]:-}\" -- \"$word\")\n"
	      "\t\t[[ ${COMPREPLY[0]:-} != *= ]] || compopt -o nospace 2>/dev/null\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o default -F _sopsim sopsim\n",
	      stdout);
}
