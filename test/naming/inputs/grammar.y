%{
#include <stdio.h>
#include <ctype.h>
int yylex(void); void yyerror(const char *text);
%}
%union { long number; char *text; struct pair *pair; }
%start lines
%token <number> NUMBER
%token <text> NAME STRING
%token IF ELSE WHILE
%type <number> value
%type <pair> list
%nonassoc LOWER
%nonassoc ELSE
%right '='
%left '+' '-'
%left '*' '/' '%'
%right NEGATIVE
%%
lines : /* none */ | lines line '\n' { puts("line"); } | error '\n' { yyerrok; } ;
line : value { printf("%ld\n", $1); } | NAME '=' value { (void)$1; } | control ;
control : IF '(' value ')' line %prec LOWER | IF '(' value ')' line ELSE line | WHILE '(' value ')' line ;
value : NUMBER | '(' value ')' { $$ = $2; } | value '+' value { $$ = $1 + $3; } | value '-' value { $$ = $1 - $3; }
      | value '*' value { $$ = $1 * $3; } | value '/' value { $$ = $3 ? $1 / $3 : 0; } | '-' value %prec NEGATIVE { $$ = -$2; }
      | NAME '(' list ')' { $$ = 0; } ;
list : value { $$ = 0; } | list ',' value | STRING { $<text>$ = $1; } ;
%%
int yylex(void) { return getchar(); }
void yyerror(const char *text) { fputs(text, stderr); }
