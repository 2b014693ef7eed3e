/** Any depth of texts. */
export interface Texts {
  [key: string]: string | Texts;
}
