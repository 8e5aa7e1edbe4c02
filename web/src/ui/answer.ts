// What the worker says to a question; asked again when one of `of` changes. Null until the first answer, then
// the latest one there is.
import { useEffect, useState } from "preact/hooks";

export function useAnswer<T>(question: () => Promise<T>, ...of: unknown[]): T | null {
    const [answer, setAnswer] = useState<T | null>(null);
    useEffect(() => {
        let current = true;
        question().then((found) => current && setAnswer(found), () => undefined);
        return () => {
            current = false;
        };
    }, of);
    return answer;
}
