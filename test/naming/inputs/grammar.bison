%{
#include <stdio.h>
%}
%code requires { struct tree; }
%require "3.2"
%define api.pure full
%define api.prefix {calc_}
%define parse.error detailed
%define parse.lac full
%define api.token.prefix {T_}
%define api.value.type union
%locations
%param { void *state } { int depth }
%expect-rr 6
%initial-action { @$.first_line = 1; }
%destructor { fprintf(stderr, "gone %p\n", (void *)$$); } <struct tree *> "name"
%printer { fprintf(yyo, "%ld", $$); } <long>
%token <long> NUMBER "a number"
%token <char *> NAME "name" STRING _("a string")
%token IF "if" ELSE "else" LESS "<" '(' ')' ','
%type <struct tree *> value list
%nterm <long> line
%nonassoc LESS
%precedence THEN
%precedence "else"
%left '+' '-'
%left '*' '/'
%right '^'
%precedence NEGATIVE
%code { static int calc_lex(CALC_STYPE *value, CALC_LTYPE *place, void *state, int depth); }
%%
lines: %empty | lines line[one] '\n' { printf("%ld\n", $one); } | error '\n' { yyerrok; };
line: value { $$ = 1; } | "if" value[test] line %prec THEN { $$ = $[test] != 0; } | "if" value line "else" line { $$ = $3; };
value: NUMBER { $$ = 0; } | value[left] '+' value[right] { $$ = $left; (void)$right; @$ = @left; }
     | value '-' value | value '*' value | value '/' value | value '^' value | value "<" value
     | '-' value %prec NEGATIVE { $$ = $2; } | "name" { $<long>$ = 3; } '(' list ')' { $$ = $list; } | NAME { $$ = 0; }
     | '(' value ')' { $$ = $2; };
list: value | list ',' value { $$ = $1; } | STRING { $$ = 0; free($1); } | unused_token { $$ = 0; };
unused_token: "name";
never: NUMBER;
%%
int main(void) { return calc_parse(NULL, 0); }
