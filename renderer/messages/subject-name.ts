/** The common name of a subject such as "CN=Ana Example,O=Contoso"; the whole where there is none. */
export function subjectName(subject: string): string {
  return /(?:^|[,+/])\s*CN=((?:\\.|[^,+/\\])+)/i.exec(subject)?.[1]?.trim() ?? subject;
}
