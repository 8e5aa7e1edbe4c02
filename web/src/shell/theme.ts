// Light, dark, or as the system has it.
import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const KEY = "memscope-theme";

// Storage may be forbidden, as for files in some browsers: then the choice lasts as long as the page.
function stored(): Theme {
    try {
        const value = localStorage.getItem(KEY);
        return value === "light" || value === "dark" ? value : "auto";
    } catch {
        return "auto";
    }
}

const choice = signal<Theme>(stored());
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);

export const theme = signal<"light" | "dark">("light");

export function toggleTheme(): void {
    choice.value = theme.value === "dark" ? "light" : "dark";
    try {
        localStorage.setItem(KEY, choice.value);
    } catch {
        // it lasts as long as the page
    }
}

export function followTheme(): void {
    system.addEventListener("change", () => {
        systemDark.value = system.matches;
    });
    effect(() => {
        const dark = choice.value === "auto" ? systemDark.value : choice.value === "dark";
        document.documentElement.dataset.theme = dark ? "dark" : "light";
        theme.value = dark ? "dark" : "light";
    });
}
