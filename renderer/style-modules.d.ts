/** Vite turns these into class names and loads the styles. */
declare module '*.module.css' {
  const classNames: Readonly<Record<string, string>>;
  // Vite exports a module's class names as its default.
  export default classNames;
}
declare module '*.css';
