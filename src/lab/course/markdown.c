/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a sheet become a page? */
#include "lab/course/markdown.h"

#include <stdbool.h>
#include <string.h>

#include "lab/base/digest.h"
#include "lab/figures/svg.h"

static const char style[] =
	":root{color-scheme:light dark;--page:#fff;--text:#1a1d21;--soft:#555d66;--line:#d5dae0;"
	"--card:#f4f6f8;--link:#9a4508}"
	"@media (prefers-color-scheme:dark){:root{--page:#15181c;--text:#e8eaed;--soft:#aab2bb;"
	"--line:#3a4149;--card:#20252b;--link:#f0a060}}"
	"body{margin:0 auto;max-width:900px;padding:12px 28px 40px;background:var(--page);"
	"color:var(--text);font:16px/1.55 'DejaVu Sans',Verdana,sans-serif}"
	"h1{font-size:25px}h2{font-size:19px;margin-top:36px;border-bottom:1px solid var(--line)}"
	"h3{font-size:16px}a{color:var(--link)}em{color:var(--soft)}"
	"code{font:14px/1.45 'DejaVu Sans Mono',monospace;background:var(--card);padding:1px 3px;"
	"overflow-wrap:anywhere}"
	"pre{background:var(--card);padding:10px 14px;overflow-x:auto;border-radius:5px}"
	"pre code{padding:0;overflow-wrap:normal}"
	".question{border-left:4px solid var(--link);padding:2px 0 2px 14px;margin:16px 0}"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-size:14px}"
	"th,td{text-align:left;padding:4px 12px;border-bottom:1px solid var(--line);vertical-align:top}"
	"figure{margin:18px 0}figcaption{color:var(--soft);font-size:14px}"
	".paper{background:#fff;border:1px solid var(--line);border-radius:5px;padding:8px;"
	"overflow-x:auto}.paper img{max-width:100%;height:auto;display:block;margin:0 auto}"
	"@page{size:A4;margin:16mm}@media print{:root{--page:#fff;--text:#000;--soft:#444;"
	"--line:#bbb;--card:#f4f6f8;--link:#000}body{font-size:10pt;padding:0;max-width:none}"
	"figure,.question,pre,tr{break-inside:avoid}h2,h3{break-after:avoid}"
	".paper{border:0;padding:0}pre{white-space:pre-wrap}}";

struct page {
	GString *out;
	const GPtrArray *svg;
	guint picture;
	const char *open; /* the block that is open: "p", "ul", "ol", "pre", "table"; NULL */
	GString *text;    /* of a paragraph or an item, whose lines are one text */
};

static void escape(GString *out, const char *text, gsize length) {
	g_autofree char *part = g_strndup(text, length);

	svg_escape(out, part);
}

/* --- within a line ---------------------------------------------------------------------------- */

static void put_inline(GString *out, const char *text, gsize length);

/* SIGN text SIGN as <tag>text</tag>, code as it stands; what is behind it, or NULL: it has no end. */
static const char *put_between(GString *out, const char *at, const char *end, const char *sign,
                               const char *tag) {
	gsize n = strlen(sign);
	const char *close = g_strstr_len(at + n, end - at - (gssize)n, sign);

	if (!close || close == at + n)
		return NULL;
	g_string_append_printf(out, "<%s>", tag);
	if (*sign == '`')
		escape(out, at + n, (gsize)(close - at) - n);
	else
		put_inline(out, at + n, (gsize)(close - at) - n);
	g_string_append_printf(out, "</%s>", tag);
	return close + n;
}

/* [text](to); NULL: it is none. */
static const char *put_link(GString *out, const char *at, const char *end) {
	const char *middle = g_strstr_len(at, end - at, "]("),
		   *close = middle ? memchr(middle, ')', (gsize)(end - middle)) : NULL;

	if (!close)
		return NULL;
	g_string_append(out, "<a href=\"");
	escape(out, middle + 2, (gsize)(close - middle) - 2);
	g_string_append(out, "\">");
	put_inline(out, at + 1, (gsize)(middle - at) - 1);
	g_string_append(out, "</a>");
	return close + 1;
}

static void put_inline(GString *out, const char *text, gsize length) {
	const char *end = text + length;

	while (text < end) {
		const char *behind = NULL;

		if (*text == '`')
			behind = put_between(out, text, end, "`", "code");
		else if (text[0] == '*' && text + 1 < end && text[1] == '*')
			behind = put_between(out, text, end, "**", "strong");
		else if (*text == '*' && text + 1 < end && text[1] != ' ')
			behind = put_between(out, text, end, "*", "em");
		else if (*text == '[')
			behind = put_link(out, text, end);
		if (!behind) {
			escape(out, text, 1);
			behind = text + 1;
		}
		text = behind;
	}
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put_collected(struct page *page) {
	put_inline(page->out, page->text->str, page->text->len);
	g_string_truncate(page->text, 0);
}

static void close_block(struct page *page) {
	put_collected(page);
	if (!page->open)
		return;
	if (g_str_equal(page->open, "pre"))
		g_string_append(page->out, "</code></pre>\n");
	else if (g_str_equal(page->open, "table"))
		g_string_append(page->out, "</tbody></table></div>\n");
	else
		g_string_append_printf(page->out, "%s</%s>\n", *page->open == 'p' ? "" : "</li>",
		                       page->open);
	page->open = NULL;
}

static bool in_list(const struct page *page) {
	return page->open && (*page->open == 'u' || *page->open == 'o');
}

/* Opens it if it is not open; whether it was. */
static bool open_block(struct page *page, const char *block, const char *begin) {
	if (page->open && g_str_equal(page->open, block))
		return true;
	close_block(page);
	g_string_append(page->out, begin);
	page->open = block;
	return false;
}

static void put_heading(struct page *page, const char *line) {
	unsigned level = (unsigned)strspn(line, "#");
	const char *text = line + level + strspn(line + level, " ");

	close_block(page);
	g_string_append_printf(page->out, "<h%u>", level);
	put_inline(page->out, text, strlen(text));
	g_string_append_printf(page->out, "</h%u>\n", level);
}

/* ![text](...), alone in its line. */
static void put_picture(struct page *page, const char *line) {
	const char *end = strstr(line, "](");

	close_block(page);
	if (page->picture < (page->svg ? page->svg->len : 0)) {
		const char *svg = page->svg->pdata[page->picture];
		/* An image, so that neither looks nor names of several meet. */
		g_autofree char *data = g_base64_encode((const guchar *)svg, strlen(svg));

		g_string_append(page->out, "<figure><div class=\"paper\"><img alt=\"");
		escape(page->out, line + 2, (gsize)(end - line) - 2);
		g_string_append_printf(
			page->out, "\" src=\"data:image/svg+xml;base64,%s\"/></div><figcaption>",
			data);
		put_inline(page->out, line + 2, (gsize)(end - line) - 2);
		g_string_append(page->out, "</figcaption></figure>\n");
	}
	page->picture++;
}

static void put_row(struct page *page, const char *line) {
	bool head = !open_block(page, "table", "<div class=\"wide\"><table><thead>\n");
	g_auto(GStrv) cells = g_strsplit(line, "|", -1);
	unsigned n = g_strv_length(cells);

	/* |---|---| below the heading is no row. */
	if (strspn(line, "|-: ") == strlen(line))
		return;
	g_string_append(page->out, "<tr>");
	for (unsigned i = 1; i + 1 < n; i++) {
		g_string_append(page->out, head ? "<th scope=\"col\">" : "<td>");
		g_strstrip(cells[i]);
		put_inline(page->out, cells[i], strlen(cells[i]));
		g_string_append(page->out, head ? "</th>" : "</td>");
	}
	g_string_append(page->out, head ? "</tr></thead><tbody>\n" : "</tr>\n");
}

static void put_item(struct page *page, const char *line, const char *block) {
	g_autofree char *begin = g_strdup_printf("<%s>\n", block);
	const char *text = line + strcspn(line, " ") + 1;

	if (open_block(page, block, begin)) {
		put_collected(page);
		g_string_append(page->out, "</li>\n");
	}
	g_string_append(page->out, "<li>");
	g_string_append(page->text, text);
}

static void put_code(struct page *page, const char *text) {
	if (open_block(page, "pre", "<pre><code>"))
		g_string_append(page->out, "\n");
	svg_escape(page->out, text);
}

/* A paragraph, or a further line of what is open. */
static void put_text(struct page *page, const char *line) {
	bool question = g_str_has_prefix(line, "**q") || g_str_has_prefix(line, "**own");

	line += strspn(line, " ");
	if (in_list(page) || open_block(page, "p", question ? "<p class=\"question\">" : "<p>"))
		g_string_append(page->text, "\n");
	g_string_append(page->text, line);
}

/* Four blanks, but for what belongs to a list; or a gap between two such lines. */
static bool is_code(const struct page *page, const char *line, const char *next) {
	if (in_list(page))
		return false;
	if (!*line && page->open && g_str_equal(page->open, "pre"))
		line = next ? next : "";
	return g_str_has_prefix(line, "    ");
}

static void put_line(struct page *page, const char *line, const char *next) {
	if (is_code(page, line, next))
		put_code(page, *line ? line + 4 : "");
	else if (!*line)
		close_block(page);
	else if (*line == '#')
		put_heading(page, line);
	else if (g_str_has_prefix(line, "![") && strstr(line, "]("))
		put_picture(page, line);
	else if (*line == '|')
		put_row(page, line);
	else if (g_str_has_prefix(line, "- "))
		put_item(page, line, "ul");
	else if (g_ascii_isdigit(*line) && g_str_has_prefix(line + 1, ". "))
		put_item(page, line, "ol");
	else
		put_text(page, line);
}

GString *markdown_page(const char *title, const char *text, const GPtrArray *svg) {
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	struct page page = {.out = g_string_new(NULL), .svg = svg, .text = g_string_new(NULL)};
	g_autofree char *hash = digest_base64(style);

	g_string_append(
		page.out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
	g_string_append_printf(page.out,
	                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	                       "'none'; img-src data:; style-src 'sha256-%s'; base-uri 'none'; "
	                       "form-action 'none'\"/>\n<title>",
	                       hash);
	svg_escape(page.out, title);
	g_string_append_printf(page.out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n",
	                       style);
	for (unsigned i = 0; lines[i]; i++)
		put_line(&page, lines[i], lines[i + 1]);
	close_block(&page);
	g_string_free(page.text, TRUE);
	g_string_append(page.out, "</main>\n</body>\n</html>\n");
	return page.out;
}
