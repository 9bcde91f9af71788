import test from "ava";
import { parseMultipart } from "../../../simulator/http/multipart.ts";

for (const [disposition, fileName] of [
    ["filename=a.ps1", "a.ps1"],
    ["filename*=UTF-8''%C3%9Cber%20blick.ps1", "Über blick.ps1"],
    ["filename*=utf-8'en'a.ps1", "a.ps1"],
    ["filename=\"a.ps1\"; filename*=UTF-8''b.ps1", "a.ps1"],
    ["filename*=UTF-8''%zz", undefined],
] as const) {
    test(`the name of a file is read: ${disposition}`, (t) => {
        const head = `Content-Disposition: form-data; name=file; ${disposition}`;
        const body = `--x\r\n${head}\r\n\r\ncontent\r\n--x--\r\n`;
        const field = parseMultipart("multipart/form-data; boundary=x", body).get("file");
        t.is(field?.fileName, fileName);
        t.is(field?.content.toString(), "content");
    });
}
