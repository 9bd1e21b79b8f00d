/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is around a report's sections? */
#include "lab/base/digest.h"
#include "lab/figures/layers.h"
#include "lab/figures/report_parts.h"
#include "lab/figures/svg.h"

/* Colours are variables, so that a dark screen has others; figures keep a white card, as they are for print. */
static const char rules[] =
	":root{color-scheme:light dark;--page:#fff;--text:#1a1d21;--soft:#555d66;--line:#d5dae0;"
	"--card:#f4f6f8;--link:#9a4508;--yes:#0f6b3a;--no:#a11a1a}"
	"@media (prefers-color-scheme:dark){:root{--page:#15181c;--text:#e8eaed;--soft:#aab2bb;"
	"--line:#3a4149;--card:#20252b;--link:#f0a060;--yes:#6fd39b;--no:#ff9a8f}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--page);color:var(--text);"
	"font:15px/1.5 'DejaVu Sans',Verdana,sans-serif}"
	"main,header,nav,footer{max-width:1240px;margin:0 auto;padding:0 28px}"
	"header{padding-top:24px}h1{font-size:24px;margin:0 0 4px}"
	"h2{font-size:18px;margin:40px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--line)}"
	"h3{font-size:15px;margin:24px 0 8px}p.lead,header p{color:var(--soft);margin:0 0 12px}"
	"nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;padding:0 0 10px;margin:12px 0;"
	"border-bottom:1px solid var(--line)}"
	"a{color:var(--link)}a:focus-visible,button:focus-visible,input:focus-visible,"
	".wide:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
	".skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--page);padding:8px}"
	".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin:16px 0}"
	".tile{background:var(--card);border-radius:6px;padding:12px 14px;border-left:4px solid var(--line)}"
	".tile.good{border-left-color:var(--yes)}.tile.bad{border-left-color:var(--no)}"
	".tile strong{display:block;font-size:22px}.tile span{font-size:13px;color:var(--soft)}"
	".wide{overflow-x:auto;margin:0 0 12px}"
	"table{border-collapse:collapse;width:100%;font-size:13px}"
	"caption{text-align:left;color:var(--soft);font-size:13px;padding-bottom:4px}"
	"th,td{text-align:left;padding:5px 10px;border-bottom:1px solid var(--line);vertical-align:top}"
	"thead th{color:var(--soft);white-space:nowrap}tbody th{font-weight:normal}"
	".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.u,.w{color:var(--soft)}"
	".w{white-space:nowrap}"
	".predicted,td.yes{color:var(--yes);font-weight:bold}td.no{color:var(--no);font-weight:bold}"
	"td.open{font-weight:bold}"
	"th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;"
	"text-decoration:underline dotted}"
	"figure{margin:0 0 20px}figcaption{color:var(--soft);font-size:13px;margin-bottom:6px}"
	".paper{background:#fff;border:1px solid var(--line);border-radius:6px;padding:10px;overflow-x:auto}"
	".paper svg{max-width:100%;height:auto;display:block;margin:0 auto}"
	".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:10px}"
	".bar{display:flex;gap:6px;align-items:center;margin:0 0 6px;font-size:13px;color:var(--soft)}"
	".bar button{font:inherit;color:var(--text);background:var(--card);border:1px solid var(--soft);"
	"border-radius:4px;min-width:30px;padding:2px 8px;cursor:pointer}"
	".zoom:focus-visible,.series:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
	".series svg{touch-action:pan-y}"
	"details{margin:8px 0}summary{cursor:pointer;color:var(--link);font-size:13px}"
	"label{font-size:13px;color:var(--soft)}"
	"input{font:inherit;color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:4px;"
	"padding:4px 8px;margin:0 0 8px 6px;width:260px;max-width:60%}"
	"footer{color:var(--soft);font-size:13px;padding-top:24px;padding-bottom:32px}"
	"code,td.u{overflow-wrap:anywhere}"
	"@media (max-width:600px){main,header,nav,footer{padding-left:14px;padding-right:14px}"
	"th,td{padding:4px 6px}tbody th{min-width:9em}.paper{padding:2px}}"
	"@page{size:A4;margin:14mm}"
	"@media print{:root{--page:#fff;--text:#000;--soft:#444;--line:#bbb;--card:#f4f6f8;--link:#000;"
	"--yes:#0f6b3a;--no:#a11a1a}body{font-size:9pt}nav,.skip,.filter,.bar,details{display:none}"
	"main,header,footer{padding:0;max-width:none}table{font-size:7.5pt}"
	"tr,figure,.tile{break-inside:avoid}h2,h3{break-after:avoid}thead{display:table-header-group}"
	"tr.default{display:none}.wide,.paper{overflow:visible}.paper{border:0;padding:0}"
	".charts{grid-template-columns:1fr 1fr}"
	".filtered{font-size:6.5pt}.filtered .n{white-space:normal}"
	"th,td{padding:1px 4px}td.u{overflow-wrap:anywhere}}";

/* --- sections --------------------------------------------------------------------------------- */

void report_begin(struct report *report, const char *id, const char *title) {
	g_string_append_printf(report->nav, "<li><a href=\"#%s\">", id);
	svg_escape(report->nav, title);
	g_string_append(report->nav, "</a></li>\n");
	g_string_append_printf(report->body, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id,
	                       id);
	svg_escape(report->body, title);
	g_string_append(report->body, "</h2>\n");
}

void report_end(struct report *report) { g_string_append(report->body, "</section>\n"); }

void report_text(struct report *report, const char *tag, const char *look, const char *text) {
	if (look)
		g_string_append_printf(report->body, "<%s class=\"%s\">", tag, look);
	else
		g_string_append_printf(report->body, "<%s>", tag);
	svg_escape(report->body, text);
	g_string_append_printf(report->body, "</%s>\n", tag);
}

void report_sheet(struct report *report, const char *title, const char *svg) {
	g_string_append(report->body, "<div class=\"paper zoom\" tabindex=\"0\" role=\"group\" "
	                              "aria-label=\"");
	svg_escape(report->body, title);
	g_string_append_printf(report->body,
	                       ": plus and minus zoom, arrows move, 0 shows all\">\n%s</div>", svg);
}

void report_tile(struct report *report, const char *number, const char *what, bool good) {
	g_string_append_printf(report->body, "<div class=\"tile %s\"><strong>",
	                       good ? "good" : "bad");
	svg_escape(report->body, number);
	g_string_append(report->body, "</strong><span>");
	svg_escape(report->body, what);
	g_string_append(report->body, "</span></div>\n");
}

/* --- the page --------------------------------------------------------------------------------- */

static void put_head(GString *page, const char *title, const char *looks) {
	g_autofree char *style = digest_base64(looks), *code = digest_base64(report_script);

	g_string_append(
		page,
		"<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n"
		"<head>\n<meta charset=\"utf-8\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
	g_string_append_printf(
		page,
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; "
		"form-action 'none'\"/>\n<title>",
		style, code);
	svg_escape(page, title);
	g_string_append_printf(page, "</title>\n<style>%s</style>\n</head>\n", looks);
}

GString *report_page(const struct report *report, const char *title, const char *subtitle) {
	g_autofree char *looks = g_strconcat(rules, svg_rules, chart_rules, NULL);
	GString *page = g_string_new(NULL);

	put_head(page, title, looks);
	g_string_append(
		page,
		"<body>\n<a class=\"skip\" href=\"#content\">To the content</a>\n<header><h1>");
	svg_escape(page, title);
	g_string_append(page, "</h1><p>");
	svg_escape(page, subtitle);
	g_string_append_printf(
		page,
		"</p></header>\n<nav aria-label=\"Sections\"><ul>\n%s</ul></nav>\n"
		"<main id=\"content\">\n%s</main>\n<footer>Made by sopsim from its own files; "
		"nothing on this page is fetched.</footer>\n<script>%s</script>\n"
		"</body>\n</html>\n",
		report->nav->str, report->body->str, report_script);
	return page;
}
