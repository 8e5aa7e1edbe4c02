%define SIZE 16
%define twice(x) ((x) * 2)
%assign count 0
%macro entry 1-3 "default", 7
%%start: dq %1, %%start, %3
        db %2, 0
%rotate 1
%assign count count + 1
%endmacro
%macro nest 1
%push frame
%$label: mov rax, %1
%ifidni %1, rbx
        jmp %$label
%elifnum %1
        add rax, twice(%1)
%else
        call helper
%endif
%pop
%endmacro
struc pair
.first: resq 1
.second: resd 2
endstruc
%include "part.inc"
        bits 64
        default rel
        extern puts, exit
        global main:function, text:data (text.end - text)
        section .data align=32
text:   db "hello", 10, 0
.end:
here:   istruc pair
        at pair.first, dq text
        at pair.second, dd 1, 2
        iend
table:  times 4 dw SIZE, $ - table
        entry 1
        entry 2, "two"
        entry 3, "three", 9
        section .text
main:   push rbp
        mov rbp, rsp
        nest rbx
        nest 5
        nest rcx
%rep 3
        lea rdi, [rel text + count * 8]
        call puts wrt ..plt
%endrep
.loop:  dec qword [here + pair.first]
        jnz .loop
        vaddps ymm0, ymm1, [rdi + rsi * 4 + SIZE]
        xor edi, edi
        call exit wrt ..plt
helper: ret
        section .bss
room:   resb twice(SIZE)
%xdefine joined %[count]x
%strlen length "abc"
        section .note progbits alloc noexec
        dd length
%warning "this is said"
