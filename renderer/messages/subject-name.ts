/** The common name of a subject as core/x509/names.ts writes it, such as "O=Contoso, CN=Ana Example"; the whole where there is none. */
export function subjectName(subject: string): string {
  const value = /(?:^|, )CN=((?:\\.|[^,\\])+)/s.exec(subject)?.[1];
  return value?.replaceAll(/\\(.)/gs, '$1') ?? subject;
}
