// What a shell runs to complete the binary itself. Each asks `__complete` for the words before the cursor; kubectl asks
// for `kubectl istio-ingress` by itself, through the link that `completion install` makes.

export type Shell = 'bash' | 'zsh' | 'fish';

/**
 * bash takes words apart at `:` and `=`, and replaces what stands behind the last of them only. So the line is split at
 * blanks here, and of each candidate what is there already is taken away. Bash puts a candidate on the line as it is: %q.
 */
const bash = `# bash completion of kubectl-istio_ingress:  source <(kubectl-istio_ingress completion bash)
_kubectl_istio_ingress() {
  local line=\${COMP_LINE:0:COMP_POINT} words lines directive current kept value
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t lines < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  [ "\${#lines[@]}" -gt 0 ] || return
  directive=\${lines[-1]#:}
  unset "lines[-1]"
  current=\${words[-1]}
  [[ $current == -*=* ]] && current=\${current#*=}
  if ((directive & 16)); then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$current")
    return
  fi
  if ! ((directive & 4)); then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  ((directive & 2)) && compopt -o nospace 2>/dev/null
  kept=\${current%"\${current##*:}"}
  [[ $COMP_WORDBREAKS == *:* ]] || kept=
  for value in "\${lines[@]%%$'\\t'*}"; do
    printf -v value %q "\${value#"$kept"}"
    COMPREPLY+=("$value")
  done
}
complete -F _kubectl_istio_ingress kubectl-istio_ingress
`;

const zsh = `#compdef kubectl-istio_ingress
# zsh completion of kubectl-istio_ingress:  source <(kubectl-istio_ingress completion zsh)
_kubectl-istio_ingress() {
  local -a lines candidates
  local line directive space=' '
  lines=("\${(@f)$(\${words[1]} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  lines[-1]=()
  compset -P '-*=' || true
  if ((directive & 16)); then
    _files -/
    return
  fi
  if ! ((directive & 4)); then
    _files
    return
  fi
  ((directive & 2)) && space=''
  for line in $lines; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${line#*$'\\t'}:+:\${\${line#\${line%%$'\\t'*}}#$'\\t'}}")
  done
  _describe -V candidate candidates -S "$space"
}
compdef _kubectl-istio_ingress kubectl-istio_ingress
`;

const fish = `# fish completion of kubectl-istio_ingress:  kubectl-istio_ingress completion fish | source
function __kubectl_istio_ingress
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..] $current 2>/dev/null)
    set -q lines[1]; or return
    set -l directive (string replace : '' -- $lines[-1])
    set -e lines[-1]
    set -l flag (string match -r -- '^-.*=' $current)
    if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories (string replace -- "$flag" '' $current)
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (string replace -- "$flag" '' $current)
    else
        for line in $lines
            printf '%s%s\\n' "$flag" $line
        end
    end
end
complete -c kubectl-istio_ingress -f -k -a '(__kubectl_istio_ingress)'
`;

export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
