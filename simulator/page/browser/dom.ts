/** The parts of a browser's document that the page's script uses. The package has no types of browsers. */
export interface PageElement {
    textContent: string | null;
    className: string;
    hidden: boolean;
    title: string;
    /** Of a `details` element. */
    open: boolean;
    readonly style: { flexGrow: string; width: string };
    readonly classList: { toggle(name: string, on: boolean): void };
    readonly children: ArrayLike<PageElement>;
    append(...children: (PageElement | string)[]): void;
    replaceChildren(...children: (PageElement | string)[]): void;
    setAttribute(name: string, value: string): void;
    addEventListener(type: string, listener: () => void): void;
}

export interface PageDocument {
    title: string;
    createElement(tag: string): PageElement;
    getElementById(id: string): PageElement | null;
}

/** The parts of an EventSource that the page's script uses. */
export interface PageStream {
    /** 2: closed; the browser does not open it again. */
    readonly readyState: number;
    onmessage: ((event: { data: string }) => void) | null;
    onerror: (() => void) | null;
    close(): void;
}

/** The elements that the page's script makes and finds. */
export interface Elements {
    /** The element of the page with this id. Throws if there is none. */
    find(id: string): PageElement;
    /** A new element. Text never becomes markup. */
    make(tag: string, className: string, ...children: (PageElement | string)[]): PageElement;
    /** Shows this text; leaves the element alone if it shows it already. */
    show(element: PageElement, text: string): void;
}

export function createElements(document: PageDocument): Elements {
    return {
        find(id) {
            const element = document.getElementById(id);
            if (element === null) {
                throw new Error(`The page has no element ${id}.`);
            }
            return element;
        },
        make(tag, className, ...children) {
            const element = document.createElement(tag);
            element.className = className;
            element.append(...children);
            return element;
        },
        show(element, text) {
            if (element.textContent !== text) {
                element.textContent = text;
            }
        },
    };
}
